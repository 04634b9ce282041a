#!/bin/bash
# 200 processes one after the other, and 200 substitutions.
for i in {1..200}; do (exit $((i % 7))); sum=$((sum + $?)); done
echo $sum
for i in {1..200}; do total=$((total + $(echo "$i"))); done
echo $total
for i in {1..100}; do /bin/true || echo failed; done
