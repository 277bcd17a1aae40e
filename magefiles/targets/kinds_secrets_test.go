package targets_test

import (
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretsStayOutOfImages leaves the files of secrets and keys out of what is copied, and what they hold out of the key, wherever they
// are.
func TestSecretsStayOutOfImages(t *testing.T) {
	t.Parallel()
	hidden := func(dockerfile, keys, path string, files map[string]string) kind {
		all := map[string]string{
			"a.txt": "one", "svc/a.txt": "one",
			".gitignore": filepath.Base(path) + "\n/.astrago\n", ".dockerignore": ".git\nb.txt\n",
		}
		maps.Copy(all, files)
		return kind{
			dockerfile: dockerfile, keys: keys, files: all, out: "/s/a.txt", reused: true,
			before: func(s *sample) { s.write(path, s.secret(path)) },
			change: func(s *sample) {
				for name, file := range s.image() {
					held := strings.Contains(file.text, "token one") || strings.Contains(file.text, "PRIVATE KEY")
					if held || strings.HasSuffix(name, "/"+filepath.Base(path)) {
						s.t.Errorf("the image has %s", name)
					}
				}
				s.write(path, s.secret(path)+"two\n")
				another(s)
			},
		}
	}
	const all, ofSvc = "FROM BASE\nCOPY . /s\n", "FROM BASE\nCOPY --from=svc . /s\n"
	file := func(path string) string { return "secrets: [{ id: npmrc, file: " + path + " }]" }
	kinds(t, map[string]kind{
		"file":                    hidden(all, file(".npmrc"), ".npmrc", nil),
		"file in a folder":        hidden(all, file("conf/npmrc"), "conf/npmrc", nil),
		"linked file":             hidden(all, file(".npmrc"), "conf/token", map[string]string{".npmrc": "-> conf/token"}),
		"in a named context":      hidden(ofSvc, "contexts: { svc: svc }, "+file("svc/.npmrc"), "svc/.npmrc", nil),
		"in a context of its own": hidden(all, "context: svc, dockerfile: Dockerfile, "+file("svc/.npmrc"), "svc/.npmrc", nil),
		"below a linked context": hidden(all, "context: lnk, dockerfile: Dockerfile, "+file("svc/.npmrc"), "svc/.npmrc",
			map[string]string{"lnk": "-> svc"}),
		"copied by a pattern":    hidden("FROM BASE\nCOPY a.txt .npmr[c] /s/\n", file(".npmrc"), ".npmrc", nil),
		"key":                    hidden(all, "ssh: deploy=keys/deploy", "keys/deploy", nil),
		"key in a named context": hidden(ofSvc, "contexts: { svc: svc }, ssh: deploy=svc/deploy", "svc/deploy", nil),
		"of a component beside it": hidden(all, file(".npmrc")+" }\n  other: { dockerfile: other.Dockerfile", ".npmrc",
			map[string]string{"other.Dockerfile": all}),
	})
}

// secret is the content of a file of a secret, or of a key.
func (s *sample) secret(path string) string {
	s.t.Helper()
	if filepath.Base(path) != "deploy" {
		return "token one\n"
	}
	key := filepath.Join(s.t.TempDir(), "key")
	if out, err := exec.CommandContext(s.t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		s.t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	return readFile(s.t, key)
}
