"""Every source of training images by its name, made ones too."""
