package pinned

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func TestExtract(t *testing.T) {
	const path, content = "package/schema.graphql", "type Query"
	digest := sha256.Sum256([]byte(content))
	sum := hex.EncodeToString(digest[:])
	for name, test := range map[string]struct{ path, sum, want string }{
		"pinned":        {path, sum, ""},
		"other content": {path, strings.Repeat("0", 64), "its SHA-256 is " + sum + ", pinned is 000"},
		"absent":        {"package/other", sum, `no file "package/other"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := extract(archive(t, map[string]string{"package/README.md": "#", path: content}), test.path, test.sum)
			switch {
			case test.want == "" && (err != nil || string(got) != content):
				t.Errorf("got %q, %v", got, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error = %v, want %q in it", err, test.want)
			}
		})
	}
}

func archive(t *testing.T, files map[string]string) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	entries := tar.NewWriter(zipped)
	for name, content := range files {
		if err := entries.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := entries.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := entries.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}
