import hashlib, sys
# A file of so many MiB, half of it text and half noise.
with open("blob", "wb") as out:
    for i in range(int(sys.argv[1]) * 16):
        out.write((b"line %d of the blob, as it goes on and on\n" % i) * 800)
        out.write(b"".join(hashlib.sha256(b"%d %d" % (i, j)).digest() for j in range(1000)))
