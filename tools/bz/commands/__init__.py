"""The commands of `./bz`, one module each: SUMMARY, EXAMPLES, add_arguments(parser) and
run(options) -> exit code.

Called by bz/__main__.py only. A command decides and prints; the work is in the library modules
beside this package.
"""
