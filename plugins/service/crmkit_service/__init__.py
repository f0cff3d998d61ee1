"""Service: consultation, complaints and support, recorded, handled and followed up."""
