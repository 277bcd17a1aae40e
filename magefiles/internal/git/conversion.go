package git

import (
	"context"
	"fmt"
	"strings"
)

// Conversion is a kind of conversion of a file's bytes at checkout (gitattributes(5)).
type Conversion int

// The conversions. The zero value writes the bytes as the commit has them, and reads them so.
const (
	ConvertsLines Conversion = iota + 1 // it writes the bytes as they are, but git takes other ends of lines for the same
	ConvertsBytes                       // it writes other bytes: a filter's, an encoding's, an ident's or other ends of lines
	ConvertsLFS                         // it writes the file that a pointer of Git LFS names by its hash
)

// attributesOfConversion are all that git knows to convert by; crlf is the old name of text.
var attributesOfConversion = []string{"text", "crlf", "eol", "filter", "ident", "working-tree-encoding"}

// Conversions returns what a checkout converts of the repository that has its top at a directory, by paths in it. What is not
// converted is left out.
func Conversions(ctx context.Context, top string, paths []string) (map[string]Conversion, error) {
	git := repository{dir: top}
	args := append([]string{"check-attr", "--stdin", "-z"}, attributesOfConversion...)
	out, err := git.runQuery(ctx, strings.Join(paths, "\x00")+"\x00", args...)
	var set checkoutSettings
	if err == nil {
		set, err = git.readSettings(ctx, "")
	}
	if err != nil {
		return nil, fmt.Errorf("reading git's attributes: %w", err)
	}
	conversions := map[string]Conversion{}
	fields := strings.Split(string(out), "\x00") // path, attribute, value
	step := 3 * len(attributesOfConversion)
	for ; len(fields) >= step; fields = fields[step:] {
		value := func(i int) string { return fields[3*i+2] }
		if c := set.conversionOf(value); c != 0 {
			conversions[strings.Clone(fields[0])] = c
		}
	}
	return conversions, nil
}

// conversionOf has the values in the order of attributesOfConversion.
func (l attributeLines) conversionOf(value func(int) string) Conversion {
	const none, unset = "unspecified", "unset"
	text, eol, filter, ident, encoding := value(0), value(2), value(3), value(4), value(5)
	if text == none {
		text = value(1)
	}
	switch {
	case filter == "lfs":
		return ConvertsLFS
	case filter != none && filter != unset, ident == "set", encoding != none && encoding != unset:
		return ConvertsBytes
	case text == unset, text == none && eol == none && !l.auto:
		return 0
	case eol == "crlf", l.write && eol == none:
		return ConvertsBytes
	}
	return ConvertsLines
}
