package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func block(kind string, data []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
}

func TestKeysInEveryForm(t *testing.T) {
	w := newWorld(t)
	first, _ := pem.Decode([]byte(w.app.Key))
	key, err := x509.ParsePKCS1PrivateKey(first.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	converted, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := x509.MarshalPKCS8PrivateKey(elliptical)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ key, says string }{
		"as GitHub gives it":      {w.app.Key, ""},
		"converted":               {block("PRIVATE KEY", converted), ""},
		"with blank lines around": {"\n\n" + w.app.Key + "\n\n", ""},
		"line ends of Windows":    {strings.ReplaceAll(w.app.Key, "\n", "\r\n"), ""},
		"line ends as letters":    {strings.ReplaceAll(w.app.Key, "\n", `\n`), ""},
		"nothing":                 {"", "not a private key in PEM"},
		"without its lines":       {strings.ReplaceAll(w.app.Key, "\n", " "), "its lines are gone"},
		"of an ellipse":           {block("PRIVATE KEY", curve), "another kind than RSA"},
		"of OpenSSH":              {block("OPENSSH PRIVATE KEY", first.Bytes), "another kind than RSA"},
		"its public part":         {block("PUBLIC KEY", first.Bytes), "public part"},
		"encrypted":               {block("ENCRYPTED PRIVATE KEY", converted), "encrypted"},
		"cut":                     {block("RSA PRIVATE KEY", first.Bytes[:len(first.Bytes)/2]), "damaged"},
		"of the wrong name":       {block("RSA PRIVATE KEY", converted), "damaged"},
	} {
		o := w.options()
		o.Key = test.key
		_, err := app.New(o)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
		if err == nil {
			continue
		}
		if p := problem.As(err); p.Status != problem.Usage || p.Remedy == "" {
			t.Errorf("%s: status %d, remedy %q", name, p.Status, p.Remedy)
		}
		for line := range strings.Lines(test.key) {
			if line = strings.TrimSpace(line); len(line) > 40 && strings.Contains(err.Error(), line[:20]) {
				t.Errorf("%s: the error quotes the key: %v", name, err)
			}
		}
	}
}
