import sys
state = 12345
with open("lines.txt", "w") as out:
    for i in range(int(sys.argv[1])):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        out.write(f"{state >> 20} line {i}\n")
