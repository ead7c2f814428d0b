"""Where things are kept and how the user wants them."""
