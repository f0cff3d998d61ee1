"""How cases come in and go out: by mail, by form, by telephone, from other systems; and what customers see of them."""
