package targets_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// exampleWords are those of the output that documents show which are names, units or quotations of the example. They part what is
// looked for, as the words beside them come from other places.
var exampleWords = strings.Fields(`core batch backend stage octocat acme main stabilize api com ghcr astrago ci origin cache Park Lee Kim
	c h Z v a ms GB TOKEN ARGOCD owner for in`)

var (
	continued  = regexp.MustCompile(`\n {17,}`) // doctor wraps what it found
	quotations = regexp.MustCompile(`login fails|Make the list faster|Do not send a payment twice|→ or `)
	columns    = regexp.MustCompile(` {2,}`)
	wording    = regexp.MustCompile(`[a-zA-Z' ]+`)
)

// phrases are the words of a block of output, in sequences that are to come from one string of the code.
func phrases(output string) (all [][]string) {
	output = quotations.ReplaceAllString(continued.ReplaceAllString(output, " "), ".")
	for line := range strings.Lines(output) {
		for _, run := range wording.FindAllString(columns.ReplaceAllString(line, "."), -1) {
			var phrase []string
			for word := range strings.FieldsSeq(run) {
				if !slices.Contains(exampleWords, word) {
					phrase = append(phrase, word)
					continue
				}
				all, phrase = append(all, phrase), nil
			}
			all = append(all, phrase)
		}
	}
	return all
}

// TestShownOutputIsReal looks for the wording of the output that documents show in the strings of the code, three words at a time.
func TestShownOutputIsReal(t *testing.T) {
	t.Parallel()
	said := strings.Join(strings.Fields(strings.Join(literals(t), " . ")), " ")
	looked := 0
	for _, name := range guides(t) {
		if name == "CONTRIBUTING.md" {
			continue // its block is a commit of ours
		}
		for _, match := range block.FindAllStringSubmatch(guide(t, name), -1) {
			if match[1] != "text" {
				continue
			}
			for _, phrase := range phrases(match[2]) {
				for i := range len(phrase) - 2 {
					looked++
					if words := strings.Join(phrase[i:i+3], " "); !strings.Contains(said, words) {
						t.Errorf("nothing says %q, in the output that %s shows", words, name)
					}
				}
			}
		}
	}
	if looked < 60 {
		t.Errorf("%d sequences of words were looked for", looked)
	}
}
