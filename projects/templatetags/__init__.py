"""What templates of the projects use beyond what every template has."""
