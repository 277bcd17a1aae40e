package git

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// checkoutSettings are the settings for the working tree in a repository's configuration.
type checkoutSettings struct {
	attributeLines
	fileMode   bool     // git takes executable bits from the file system
	attributes []string // absolute files of attributes outside of the working tree, which need not be there
}

// attributeLines holds the settings of line endings in the configuration.
type attributeLines struct {
	auto  bool // core.autocrlf: files without attributes are converted, too
	write bool // text gets carriage returns in the working tree
}

// convertsLines reports whether something else than the .gitattributes of the working tree may convert files.
func (s checkoutSettings) convertsLines() bool {
	return s.auto || slices.ContainsFunc(s.attributes, func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.Size() > 0
	})
}

// settingPlaces returns the top of the working tree, and the repository's own file of attributes.
func (r repository) settingPlaces(ctx context.Context) (top, attributes string, err error) {
	out, err := r.output(ctx, "rev-parse", "--show-toplevel", "--git-path", "info/attributes")
	at := strings.LastIndexByte(out, '\n')
	if err != nil || at < 0 {
		return "", "", err
	}
	return filepath.FromSlash(out[:at]), r.absolutePath(out[at+1:]), nil
}

// absolutePath is a path that git gives, which may be relative to the directory that it is asked in.
func (r repository) absolutePath(name string) string {
	if name = filepath.FromSlash(name); name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.dir, name)
}

// readSettings reads them; own is the repository's own file of attributes.
func (r repository) readSettings(ctx context.Context, own string) (checkoutSettings, error) {
	// git lists the committer, too, and would look for this host's name in the DNS where none is set.
	variables, err := r.output(ctx, "-c", "user.name=none", "-c", "user.email=none", "var", "-l")
	if err != nil {
		return checkoutSettings{}, err
	}
	values := map[string]string{} // the last counts
	for line := range strings.Lines(variables) {
		name, value, assigned := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !assigned {
			value = "true"
		}
		values[name] = value
	}
	mode, set := values["core.filemode"]
	s := checkoutSettings{attributeLines: linesOf(values), fileMode: !set || isTrue(mode), attributes: []string{own}}
	if values["core.attributesfile"] != "" { // git knows where ~ is
		named, err := r.output(ctx, "config", "--type=path", "--default=", "core.attributesFile")
		if err != nil {
			return checkoutSettings{}, err
		}
		s.attributes = append(s.attributes, r.absolutePath(named))
	}
	for _, name := range sharedAttributes(values) {
		s.attributes = append(s.attributes, r.absolutePath(name))
	}
	return s, nil
}

func linesOf(values map[string]string) (l attributeLines) {
	input := strings.EqualFold(values["core.autocrlf"], "input")
	l.auto = input || isTrue(values["core.autocrlf"])
	native := runtime.GOOS == "windows" && !strings.EqualFold(values["core.eol"], "lf")
	l.write = !input && (l.auto || native || strings.EqualFold(values["core.eol"], "crlf"))
	return l
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
