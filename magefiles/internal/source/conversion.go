package source

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Conversion is what a checkout does to the bytes of a file (gitattributes(5)).
type Conversion int

// The conversions. The zero value writes the bytes as the commit has them, and reads them so.
const (
	ConvertsLines Conversion = iota + 1 // it writes the bytes as they are, but git takes other ends of lines for the same
	ConvertsBytes                       // it writes other bytes: a filter's, an encoding's, an ident's or other ends of lines
	ConvertsLFS                         // it writes the file that a pointer of Git LFS names by its hash
)

// attributesOfConversion are all that git knows to convert by; crlf is the old name of text.
var attributesOfConversion = []string{"text", "crlf", "eol", "filter", "ident", "working-tree-encoding"}

// lines is what the configuration says of ends of lines.
type lines struct {
	auto  bool // core.autocrlf: files without attributes are converted, too
	write bool // text gets carriage returns in the working tree
}

// Conversions returns what a checkout converts of the repository that has its top at a directory, by paths in it. What is not
// converted is left out.
func Conversions(ctx context.Context, top string, paths []string) (map[string]Conversion, error) {
	git := repository{dir: top}
	args := append([]string{"check-attr", "--stdin", "-z"}, attributesOfConversion...)
	out, err := git.ask(ctx, strings.Join(paths, "\x00")+"\x00", args...)
	var set lines
	if err == nil {
		set, _, err = git.conversionSettings(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("reading git's attributes: %w", err)
	}
	conversions := map[string]Conversion{}
	fields := strings.Split(string(out), "\x00") // path, attribute, value
	step := 3 * len(attributesOfConversion)
	for ; len(fields) >= step; fields = fields[step:] {
		value := func(i int) string { return fields[3*i+2] }
		if c := set.conversion(value); c != 0 {
			conversions[strings.Clone(fields[0])] = c
		}
	}
	return conversions, nil
}

// conversion has the values in the order of attributesOfConversion.
func (l lines) conversion(value func(int) string) Conversion {
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

// ConvertsWithout reports whether something else than the .gitattributes of its working tree may convert files of the repository
// that has its top at a directory.
func ConvertsWithout(ctx context.Context, top string) (bool, error) {
	git := repository{dir: top}
	set, files, err := git.conversionSettings(ctx)
	if err != nil {
		return false, fmt.Errorf("reading git's attributes: %w", err)
	}
	return set.auto || slices.ContainsFunc(files, func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.Size() > 0
	}), nil
}

// conversionSettings returns what the configuration says, and which files of attributes git reads outside of the working tree.
func (r repository) conversionSettings(ctx context.Context) (set lines, files []string, err error) {
	var variables, own, named string
	err = together(
		func() (err error) { variables, err = r.output(ctx, "var", "-l"); return err },
		func() (err error) { own, err = r.output(ctx, "rev-parse", "--git-path", "info/attributes"); return err },
		func() (err error) {
			named, err = r.output(ctx, "config", "--type=path", "--default=", "core.attributesFile")
			return err
		},
	)
	if err != nil {
		return set, nil, err
	}
	values := map[string]string{} // the last counts
	for line := range strings.Lines(variables) {
		name, value, assigned := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !assigned {
			value = "true"
		}
		values[name] = value
	}
	input := strings.EqualFold(values["core.autocrlf"], "input")
	set.auto = input || isTrue(values["core.autocrlf"])
	native := runtime.GOOS == "windows" && !strings.EqualFold(values["core.eol"], "lf")
	set.write = !input && (set.auto || native || strings.EqualFold(values["core.eol"], "crlf"))
	for _, name := range append([]string{own, named}, sharedAttributes(values)...) {
		if name = filepath.FromSlash(name); name != "" && !filepath.IsAbs(name) {
			name = filepath.Join(r.dir, name)
		}
		files = append(files, name)
	}
	return set, files, nil
}

// isTrue reads a boolean of git's configuration.
func isTrue(value string) bool {
	return !slices.Contains([]string{"", "0", "false", "no", "off"}, strings.ToLower(value))
}

// sharedAttributes are the user's and the system's files of attributes, as far as this git does not name them (2.41 does) those
// of the usual installations.
func sharedAttributes(values map[string]string) []string {
	files := []string{values["GIT_ATTR_GLOBAL"]}
	if home, err := os.UserHomeDir(); err == nil {
		files = append(files, filepath.Join(home, ".config", "git", "attributes"))
	}
	if dir, err := os.UserConfigDir(); err == nil {
		files = append(files, filepath.Join(dir, "git", "attributes"))
	}
	if system, named := values["GIT_ATTR_SYSTEM"]; named {
		return append(files, system)
	}
	const apple = "/usr/share/git-core/gitattributes"
	return append(files, "/etc/gitattributes", "/usr/local/etc/gitattributes", "/opt/homebrew/etc/gitattributes",
		"/Library/Developer/CommandLineTools"+apple, "/Applications/Xcode.app/Contents/Developer"+apple)
}
