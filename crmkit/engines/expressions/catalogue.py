"""What this room registers with the kernel: nothing. It is a language, which the other engines speak."""
