"""`gnc bench loop`: what learning from corrections brings, measured without a person."""
