"""Topics: what customers write and say again and again, found in texts of mails, calls and chats."""
