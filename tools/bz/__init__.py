"""The command of the checkout: builds, signs, runs, inspects and tests the product on emulated
boards.

`./bz` starts `python -m bz`; system tests import its library modules (product, build, device,
emulator, signing) so that they drive a device by the same code that a user does. It may never
write outside the checkout, except where a command is told to.
"""
