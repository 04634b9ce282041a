"""Big integers of the development kit against Python's."""
import math
import random
import unittest

from development_kit_run import OK, OVERFLOW, Run, build_harness, hexed


def setUpModule():
    build_harness()


class Arithmetic(unittest.TestCase):
    PRIME = (1 << 521) - 1

    def compute(self, *cases):
        """Cases of (operation, first, second, third); answers numbers or results."""
        steps = []
        for operation, *operands in cases:
            first, second, third = (operands + [0, 0])[:3]
            signs = (first < 0) | (second < 0) << 1 | (third < 0) << 2
            a, b, n = (abs(o).to_bytes((abs(o).bit_length() + 7) // 8, "big") for o in (first, second, third))
            # The third is replaced by the result, for which there has to be room.
            steps.append(f"invoke 0 vi:{operation},{signs} {hexed(a)} {hexed(b)} mio:{n.rjust(600, bytes(1)).hex()}")
        answers = []
        for result, *outputs in (a for start in range(0, len(steps), 400) for a in Run("arithmetic", *steps[start:start + 400]).answers):
            answers.append((-1 if outputs[0][0] else 1) * int.from_bytes(outputs[0][1:], "big") if result == OK else result)
        return answers

    def numbers(self):
        generator = random.Random(3)
        edges = [0, 1, -1, 2, 255, 256, (1 << 32) - 1, 1 << 32, -(1 << 64), (1 << 64) - 1, self.PRIME]
        return edges + [generator.getrandbits(bits) * generator.choice((1, -1)) for bits in (8, 31, 33, 65, 127, 512, 1000, 2048)]

    @staticmethod
    def divide(a, b):
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return quotient, a - quotient * b

    def test_basic_arithmetic(self):
        cases, wanted = [], []
        for a in self.numbers():
            for b in self.numbers():
                cases += [(0, a, b), (1, a, b), (2, a, b), (8, a, b)]
                wanted += [a + b, a - b, a * b, (a > b) - (a < b)]
                if b:
                    cases += [(3, a, b), (4, a, b)]
                    wanted += self.divide(a, b)
        self.assertEqual(self.compute(*cases), wanted)

    def test_greatest_common_divisors(self):
        cases, pairs = [], [(a, b) for a in self.numbers() for b in self.numbers() if a or b]
        for a, b in pairs:
            cases += [(5, a, b), (6, a, b), (7, a, b), (9, a, b)]
        answers = self.compute(*cases)
        for index, (a, b) in enumerate(pairs):
            divisor, u, v, are_prime = answers[4 * index:4 * index + 4]
            self.assertEqual((divisor, u * a + v * b, are_prime), (math.gcd(a, b), divisor, int(divisor == 1)), (a, b))

    def test_modular_arithmetic(self):
        cases, wanted = [], []
        for n in (2, 3, 255, 65537, self.PRIME, (1 << 512) - 569, (1 << 1024) + 1):
            for a in self.numbers()[-8:] + [0, 1, -1]:
                for b in (-7, 12345678901234567890, self.PRIME - 1):
                    cases += [(32, a, 0, n), (33, a, b, n), (34, a, b, n), (35, a, b, n), (36, a, 0, n)]
                    wanted += [a % n, (a + b) % n, (a - b) % n, a * b % n, a * a % n]
                    if n % 2:
                        cases += [(38, a % n, abs(b), n), (39, a, b, n)]
                        wanted += [pow(a % n, abs(b), n), a * b % n]
                if a % n and math.gcd(a, n) == 1:
                    cases.append((37, a, 0, n))
                    wanted.append(pow(a, -1, n))
        self.assertEqual(self.compute(*cases), wanted)

    def test_bits(self):
        a = 0x123456789abcdef0123456789
        cases = [(10, a, 4), (10, a, 64), (10, a, 200), (10, -a, 33), (11, a, 0), (11, a, 1), (11, a, 5000), (12, a), (12, 0), (13, a, 130), (14, a), (14, 0), (15, -a),
                 (17, -(1 << 31)), (17, 1 << 31),
                 (17, (1 << 31) - 1), (17, -5), (18, -a)]
        wanted = [a >> 4, a >> 64, 0, -(a >> 33), 1, 0, 0, a.bit_length(), 0, a | 1 << 130, -a, 0, a, -(1 << 31), OVERFLOW, (1 << 31) - 1, -5, a * a]
        self.assertEqual(self.compute(*cases), wanted)

    def test_primes(self):
        numbers = {0: 0, 1: 0, 2: 1, 3: 1, 4: 0, 97: 1, 561: 0, 997 * 991: 0, self.PRIME: -1, self.PRIME - 2: 0, ((1 << 61) - 1) * ((1 << 89) - 1): 0}
        self.assertEqual(self.compute(*((16, n) for n in numbers)), list(numbers.values()))

    def test_misuse_panics(self):
        for case in ((3, 5, 0), (37, 4, 0, 8), (37, 0, 0, 7), (32, 5, 0, 1)):
            self.assertTrue(self.compute(case)[0].startswith("panic"), case)
