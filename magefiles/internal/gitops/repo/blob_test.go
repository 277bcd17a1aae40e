package repo

import (
	"os/exec"
	"strings"
	"testing"
)

func TestIsBlobAgreesWithGit(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		dir := t.TempDir()
		if out, err := exec.CommandContext(t.Context(), "git", "init", "--object-format="+format, dir).CombinedOutput(); err != nil {
			t.Fatalf("git init: %v\n%s", err, out)
		}
		for _, content := range []string{"", "a: 1\n", "a: 한글\r\n\x00"} {
			cmd := exec.CommandContext(t.Context(), "git", "-C", dir, "hash-object", "--stdin", "--no-filters")
			cmd.Stdin = strings.NewReader(content)
			id, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if !isBlob([]byte(content), strings.TrimSpace(string(id))) {
				t.Errorf("%s %q: git's id is %s", format, content, id)
			}
			if isBlob([]byte(content+" "), strings.TrimSpace(string(id))) {
				t.Errorf("%s: other bytes than %q have its id", format, content)
			}
		}
	}
	if isBlob(nil, "") {
		t.Error("no id is the id of something")
	}
}
