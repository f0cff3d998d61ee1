"""What the room of the overview registers with the kernel: nothing, as it composes what others have."""
