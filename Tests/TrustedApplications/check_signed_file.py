#!/usr/bin/env python3
"""Checks a signed (and encrypted) file of a trusted application with nothing but openssl(1) and Python, after the layout of OP-TEE's signed headers.

    check_signed_file.py FILE PUBLIC.pem [KEY]        KEY: 64 hexadecimal digits, of an encrypted file

Prints a line for each sub-key and for the application, and the SHA-256 of its ELF file; fails when anything is not as it should be.
"""
import hashlib
import struct
import subprocess
import sys
import tempfile
import uuid

PADDING = {0x70414930: ["rsa_padding_mode:pss", "rsa_pss_saltlen:32", "rsa_mgf1_md:sha256"], 0x70004830: ["rsa_padding_mode:pkcs1"]}


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


def file_of(data):
    file = tempfile.NamedTemporaryFile()
    file.write(data)
    file.flush()
    return file


def public_key(modulus, exponent):
    """A public key as PEM, from openssl's own ASN.1 compiler."""
    text = f"asn1=SEQUENCE:key\n[key]\nn=INTEGER:0x{modulus.hex()}\ne=INTEGER:0x{exponent.hex()}\n"
    with file_of(text.encode()) as config, tempfile.NamedTemporaryFile() as der:
        openssl("asn1parse", "-genconf", config.name, "-noout", "-out", der.name)
        return openssl("rsa", "-RSAPublicKey_in", "-inform", "DER", "-in", der.name, "-pubout")


def verify(key, digest, signature, algorithm):
    options = [word for option in ["digest:sha256", *PADDING[algorithm]] for word in ("-pkeyopt", option)]
    with file_of(key) as pem, file_of(digest) as data, file_of(signature) as sign:
        openssl("pkeyutl", "-verify", "-pubin", "-inkey", pem.name, *options, "-in", data.name, "-sigfile", sign.name)


def multiply(x, y):
    """In the field of GCM (NIST SP 800-38D, 6.3)."""
    product = 0
    for bit in range(127, -1, -1):
        if y >> bit & 1:
            product ^= x
        x = x >> 1 ^ (0xE1 << 120 if x & 1 else 0)
    return product


def decrypt(key, iv, tag, ciphertext):
    block = int.from_bytes(openssl("enc", "-aes-256-ecb", "-nopad", "-K", key, data=bytes(16)), "big")
    hashed = 0
    padded = ciphertext + bytes(-len(ciphertext) % 16) + struct.pack(">QQ", 0, 8 * len(ciphertext))
    for start in range(0, len(padded), 16):
        hashed = multiply(hashed ^ int.from_bytes(padded[start:start + 16], "big"), block)
    first = iv + b"\0\0\0\1"
    mask = int.from_bytes(openssl("enc", "-aes-256-ecb", "-nopad", "-K", key, data=first), "big")
    assert (hashed ^ mask).to_bytes(16, "big") == tag, "the tag of the encryption"
    return openssl("enc", "-d", "-aes-256-ctr", "-K", key, "-iv", (iv + b"\0\0\0\2").hex(), data=ciphertext)


def main(path, key, secret=None):
    data = open(path, "rb").read()
    key = open(key, "rb").read()
    position, derived = 0, None
    while True:
        header = data[position:position + 20]
        magic, kind, size, algorithm, hash_size, signature_size = struct.unpack("<IIIIHH", header)
        assert magic == 0x4F545348 and hash_size == 32
        digest = data[position + 20:position + 52]
        verify(key, digest, data[position + 52:position + 52 + signature_size], algorithm)
        position += 52 + signature_size
        if kind != 3:
            break
        image = data[position:position + size]
        assert hashlib.sha256(header + image).digest() == digest, "the digest of a sub-key"
        name_size, version, depth, _, count = struct.unpack("<5I", image[16:36])
        own = uuid.UUID(bytes=image[:16])
        assert derived in (None, own), "the UUID of a sub-key"
        attributes = {}
        for index in range(count):
            name, offset, length = struct.unpack("<III", image[36 + 12 * index:48 + 12 * index])
            attributes[name] = image[offset:offset + length]
        key = public_key(attributes[0xD0000130], attributes[0xD0000230])
        position += size
        next_name = data[position:position + name_size].rstrip(b"\0")
        position += name_size
        derived = own
        if name_size:
            named = bytearray(hashlib.sha512(own.bytes + next_name).digest()[:16])
            named[6], named[8] = named[6] & 0x0F | 0x50, named[8] & 0x3F | 0x80
            derived = uuid.UUID(bytes=bytes(named))
        print(f"subkey {own} version {version} depth {depth}")
    assert kind in (1, 2)
    covered = data[position:position + 20]
    own, version = uuid.UUID(bytes=covered[:16]), struct.unpack("<I", covered[16:])[0]
    assert derived in (None, own), "the UUID of the application"
    position += 20
    words = ["application", str(own), "version", str(version)]
    if kind == 2:
        fields = data[position:position + 12]
        cipher, flags, iv_size, tag_size = struct.unpack("<IIHH", fields)
        assert (cipher, iv_size, tag_size) == (0x40000810, 12, 16)
        covered += data[position:position + 40]
        elf = decrypt(secret, data[position + 12:position + 24], data[position + 24:position + 40], data[position + 40:])
        words.append("class-wide" if flags & 1 else "device-specific")
    else:
        elf = data[position:]
    assert len(elf) == size
    assert hashlib.sha256(header + covered + elf).digest() == digest, "the digest of the application"
    print(*words)
    print(hashlib.sha256(elf).hexdigest())


main(*sys.argv[1:])
