# SPDX-License-Identifier: MIT
# How often each word occurs, the lengths of lines, and a few patterns.

{
	for (i = 1; i <= NF; i++) count[$i]++
	length_of_all += length($0)
}
/(ab|cd)[a-z]*e/ { matches++ }
{ changed += gsub(/[aeiou]+/, "-") }
END {
	for (word in count) {
		total++
		if (count[word] > most) most = count[word]
	}
	print total, most, matches, changed, length_of_all
}
