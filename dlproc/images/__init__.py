"""Images: size, gray values, domain. Arrays in, arrays out."""
