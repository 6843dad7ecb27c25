"""The calls half of the carrier: who calls whom, what the line says, what is pressed and recorded."""
