"""What an inventory is made of and what its commands answer: plain values, no behaviour.

The order of a class's fields is the order of the record that a script reads. They are named
tuples and not dataclasses, and a module for each subject, because every start pays for those that
it loads: 0.05 ms each and not 0.4.
"""
