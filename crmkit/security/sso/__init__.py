"""Single sign-on: users whom a provider of OpenID Connect vouches for, by its name and its subject, never by e-mail."""
