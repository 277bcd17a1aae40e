package git_test

import (
	"crypto/sha256"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

func TestConversions(t *testing.T) {
	for attributes, want := range map[string]git.Conversion{
		"":                                0,
		"* -text":                         0,
		"* -text eol=crlf":                0,
		"* binary":                        0,
		"* diff=go merge=union":           0,
		"* -filter -ident":                0,
		"* text":                          git.ConvertsLines,
		"* text=auto":                     git.ConvertsLines,
		"* eol=lf":                        git.ConvertsLines,
		"* crlf":                          git.ConvertsLines,
		"* crlf=input":                    git.ConvertsLines,
		"* text=auto eol=crlf":            git.ConvertsBytes,
		"* eol=crlf":                      git.ConvertsBytes,
		"* ident":                         git.ConvertsBytes,
		"* filter=x":                      git.ConvertsBytes,
		"* working-tree-encoding=UTF-16":  git.ConvertsBytes,
		"* filter=lfs diff=lfs merge=lfs": git.ConvertsLFS,
	} {
		t.Run(attributes, func(t *testing.T) {
			t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			dir := repository(t)
			write(t, dir, ".git/info/attributes", attributes+"\n")
			got, err := git.Conversions(t.Context(), dir, []string{"a b", "ü"})
			wanted := map[string]git.Conversion{"a b": want, "ü": want}
			if want == 0 {
				wanted = map[string]git.Conversion{}
			}
			if err != nil || !maps.Equal(got, wanted) {
				t.Errorf("got %v (%v), want %v", got, err, wanted)
			}
		})
	}
}

func TestWritten(t *testing.T) {
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	dir := repository(t)
	write(t, dir, ".gitattributes", "*.txt eol=crlf\n")
	contents := map[string]string{"a.txt": "a\nb", "b c.txt": "\n\n", "empty.txt": "", "x.bin": "x\n\n", "large.bin": strings.Repeat("line\n", 1<<20)}
	var files []git.Sized
	for name, content := range contents {
		write(t, dir, name, content)
		files = append(files, git.Sized{Path: name, Size: 40 << 20}) // one after the other
	}
	runGit(t, dir, "add", ".")
	got, err := git.Written(t.Context(), dir, files)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range contents {
		if strings.HasSuffix(name, ".txt") {
			content = strings.ReplaceAll(content, "\n", "\r\n")
		}
		if got[name] != sha256.Sum256([]byte(content)) {
			t.Errorf("%s is another", name)
		}
	}
	if _, err := git.Written(t.Context(), dir, []git.Sized{{Path: "missing.txt"}}); err == nil {
		t.Error("what is not in the index is written")
	}
}
