import sys

from ops.verbs import main

main(sys.argv[1:])
