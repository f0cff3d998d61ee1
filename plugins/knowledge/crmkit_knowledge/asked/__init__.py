"""What people search for, and the questions that are left without an answer."""
