package yamlschema

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Suggest returns the remedy for a word that is none of names: the nearest one, or all of them where none is near. noun is
// the plural of what names are.
func Suggest(word, noun string, names []string) string {
	if name := nearestName(word, names); name != "" {
		return fmt.Sprintf("did you mean `%s`?", name)
	}
	return noun + ": " + strings.Join(names, ", ")
}

// nearestName is the name that word most likely stands for, whatever the case: a typing mistake for every three letters
// turns one into the other, or one begins with the other and has at least 3 letters. It is "" where none is near.
func nearestName(word string, names []string) string {
	const longest = 64 // more is no typing mistake, and the distance takes quadratic time
	letters := utf8.RuneCountInString(word)
	if letters > longest {
		return ""
	}
	word = strings.ToLower(word)
	best, limit := "", max(1, letters/3)
	for _, name := range names {
		lower := strings.ToLower(name)
		d := editDistance(word, lower)
		if min(letters, len(name)) >= 3 && (strings.HasPrefix(lower, word) || strings.HasPrefix(word, lower)) {
			d = min(d, 1)
		}
		if d <= limit {
			best, limit = name, d-1
		}
	}
	return best
}

// editDistance counts the insertions, deletions, substitutions and swaps of adjacent letters between a and b (optimal string
// alignment).
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	var before []int
	last := make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}
