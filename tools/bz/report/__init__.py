"""`bz report`: a build as one static page.

facts.py collects what is true of a build, from the resolved product and the linked images; page.py
and what it calls render that. No module here builds, signs or measures, and none knows an address
or a right of its own: those come from the product and from the tables in the image.
"""
