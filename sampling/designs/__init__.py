"""Designs as data: groups, stages, methods; the shipped ones are the YAML files beside this."""
