"""What a run is and where it stands; launching and watching it."""
