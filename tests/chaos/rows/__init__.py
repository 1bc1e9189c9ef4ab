"""One module for each group of rows; importing it enters them into the matrix."""
