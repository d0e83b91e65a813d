"""``python3 -m autograder COMMAND``."""

import sys

if __name__ == "__main__":
    try:
        from autograder.bootstrap import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        sys.exit(130)
