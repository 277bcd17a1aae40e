package source_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// TestEveryNodeIsFoundInAnyOrder makes texts of lines with all kinds of breaks and of characters of any width, and looks their
// nodes up as often as there are, in any order: what was looked up before changes nothing.
func TestEveryNodeIsFoundInAnyOrder(t *testing.T) {
	breaks := []string{"\n", "\r\n", "\r", "\n\n", "\r\r\n", "\u2028", "\u2029", "\u0085"}
	for seed := range uint64(20) {
		random, doc := rand.New(rand.NewPCG(seed, 0)), []string{"", "\uFEFF"}[seed%2]
		var want []int
		for i := range 20 {
			for j, word := range []string{"k", "v", "w"} {
				doc += []string{"", ": {한: ", ", 𝒳e\u0301: "}[j]
				want = append(want, len(doc))
				doc += fmt.Sprint(word, i)
			}
			doc += "}" + breaks[random.IntN(len(breaks))]
		}
		text, root := read(t, doc)
		found := slices.DeleteFunc(scalars(root), func(n *yaml.Node) bool { return !strings.ContainsAny(n.Value, "kvw") })
		if len(found) != len(want) {
			t.Fatalf("%q has %d nodes", doc, len(found))
		}
		for range 200 {
			i := random.IntN(len(want))
			if at := text.Start(found[i]); at != want[i] {
				t.Fatalf("%q: %s stands at %d, want %d", doc, found[i].Value, at, want[i])
			}
		}
	}
}

// breakExpression matches what the YAML reader ends a line with.
var breakExpression = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

// TestALineHoldsItsBytes takes texts apart into lines, and puts them together again.
func TestALineHoldsItsBytes(t *testing.T) {
	for _, doc := range []string{
		"", "a", "a\n", "\n", "\r\n\r\n", "\r\r\n\n", "a\u0085b\u2028c\u2029d", "\uFEFFa\nb", "Â\nâ\u0080",
		"\u2027\u202a\u0084\u0086", "a\r", "가\n나",
	} {
		text, err := source.New([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if string(text.Bytes()) != doc {
			t.Errorf("%q became %q", doc, text.Bytes())
		}
		lines := breakExpression.Split(strings.TrimPrefix(doc, "\uFEFF"), -1)
		for i, line := range lines {
			if got := text.Line(i + 1); got != line {
				t.Errorf("line %d of %q is %q, want %q", i+1, doc, got, line)
			}
		}
		if before, after := text.Line(0), text.Line(len(lines)+1); before+after != "" {
			t.Errorf("%q has lines %q and %q beyond its own", doc, before, after)
		}
		ends := breakExpression.FindAllStringIndex(doc, -1)
		for offset := range len(doc) {
			want := 1
			for _, end := range ends {
				if end[1] <= offset {
					want++
				}
			}
			if line := text.LineAt(offset); line != want {
				t.Errorf("offset %d of %q is in line %d, want %d", offset, doc, line, want)
			}
		}
	}
}

func TestAPositionThatIsNotThereIsFoundNowhere(t *testing.T) {
	text, err := source.New([]byte("가: 나\nb: c"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []yaml.Node{{}, {Line: 1}, {Column: 1}, {Line: 3, Column: 1}, {Line: 2, Column: 6}, {Line: -1, Column: -1}} {
		if at := text.Start(&n); at != -1 {
			t.Errorf("line %d, column %d is at %d", n.Line, n.Column, at)
		}
		if span, err := text.Scalar(&n); err == nil {
			t.Errorf("line %d, column %d: %v", n.Line, n.Column, span)
		}
	}
}

// TestOtherEncodingsAreRefusedWithTheirLine puts bytes that are not UTF-8 into each line of a text.
func TestOtherEncodingsAreRefusedWithTheirLine(t *testing.T) {
	for _, bad := range []string{"\xff", "\xc2", "\xe2\x80", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"} {
		for line := 1; line <= 3; line++ {
			doc := strings.Repeat("가: �\n", line-1) + "a: " + bad + "\nb: c\n"
			_, err := source.New([]byte(doc))
			p := problem.As(err)
			if p == nil || p.Status != problem.Refused || !strings.Contains(err.Error(), fmt.Sprintf("line %d ", line)) {
				t.Errorf("%q: %v, want one about line %d", doc, err, line)
			}
		}
	}
}

func TestOnlyTemplatesAreTemplates(t *testing.T) {
	for doc, want := range map[string]bool{
		"a: {{ .Values.x }}": true, "a: {{b: c}: d}": true,
		"a: { {b: c}: d}": false, "a: {b: c}": false, "a: {}": false, "a: [{b: c}]": false,
		`a: "{{ .x }}"`: false, "a:\n  ? {b: c}\n  : d": false,
	} {
		text, root := read(t, doc)
		if got := text.IsTemplate(valueOf(t, root, "a")); got != want {
			t.Errorf("%s: %t, want %t", doc, got, want)
		}
	}
}
