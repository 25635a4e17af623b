"""Between draw and answers: listing sheets, second steps, reserves, earlier rounds, who of a household answers."""
