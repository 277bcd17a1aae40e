package yamledit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/tool"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

const beforeSops = "# 운영\nimage:\n    tag: core-1 # by hand\npassword: hunter2-of-the-database\nreplicas: 2\n"

// TestEditsPassSops edits files that sops itself has encrypted: what is refused would not decrypt any more, what is allowed does.
func TestEditsPassSops(t *testing.T) {
	s := newSops(t)
	sealed := s.encrypt(t, "--encrypted-regex", "^password$")
	_, err := yamledit.Apply(sealed, `.image.tag = "core-2"`)
	if problem.As(err) == nil || !strings.Contains(err.Error(), "the MAC of sops") {
		t.Errorf("an edit beside the MAC: %v", err)
	}
	out, err := s.decrypt(t, bytes.Replace(sealed, []byte("core-1"), []byte("core-2"), 1))
	if err == nil || !strings.Contains(out, "MAC mismatch") {
		t.Errorf("sops takes what is refused: %v\n%s", err, out)
	}

	open := s.encrypt(t, "--encrypted-regex", "^password$", "--mac-only-encrypted")
	edit, err := yamledit.Apply(open, `.image.tag = "core-2"`)
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Replace(open, []byte("core-1"), []byte("core-2"), 1); !bytes.Equal(edit.Bytes, want) {
		t.Errorf("the edit is\n%s\nwant\n%s", edit.Bytes, want)
	}
	if out, err := s.decrypt(t, edit.Bytes); err != nil || out != strings.Replace(beforeSops, "core-1", "core-2", 1) {
		t.Errorf("sops decrypts %v\n%s", err, out)
	}
	for _, expression := range []string{`.password = "core-2"`, `.sops.mac = "core-2"`, `.sops.lastmodified = "core-2"`} {
		if _, err := yamledit.Apply(open, expression); problem.As(err) == nil || !strings.Contains(err.Error(), "the encryption of sops") {
			t.Errorf("%s: %v", expression, err)
		}
	}

	all := s.encrypt(t)
	if !regexp.MustCompile(`tag: ENC\[`).Match(all) {
		t.Fatalf("the tag is not encrypted:\n%s", all)
	}
	if _, err := yamledit.Apply(all, `.image.tag = "core-2"`); problem.As(err) == nil || problem.As(err).Status != problem.Refused {
		t.Errorf("an encrypted tag: %v", err)
	}
}

// sops is the command with a key that is made for the test.
type sops struct{ path, key, recipient string }

func newSops(t *testing.T) sops {
	t.Helper()
	path, err := tool.Build(t.Context(), "helmfile", "github.com/getsops/sops/v3/cmd/sops") // helmfile links it, too
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	s := sops{path, filepath.Join(t.TempDir(), "key"), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(recipient)))}
	if err := os.WriteFile(s.key, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// encrypt returns the file as sops writes it.
func (s sops) encrypt(t *testing.T, flags ...string) []byte {
	t.Helper()
	out, err := s.run(t, []byte(beforeSops), append([]string{"--encrypt", "--age", s.recipient}, flags...)...)
	if err != nil {
		t.Fatalf("encrypting: %v\n%s", err, out)
	}
	return []byte(out)
}

func (s sops) decrypt(t *testing.T, data []byte) (string, error) {
	t.Helper()
	return s.run(t, data, "--decrypt")
}

// run returns what sops writes, its errors where it fails.
func (s sops) run(t *testing.T, stdin []byte, args ...string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(file, stdin, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), s.path, append(args, file)...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "SOPS_AGE_SSH_PRIVATE_KEY_FILE=" + s.key}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return errs.String(), err
	}
	return string(out), nil
}
