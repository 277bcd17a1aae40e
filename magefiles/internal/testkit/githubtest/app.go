package githubtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
)

// App is a GitHub App with what its owner has of it.
type App struct {
	ID       int64
	ClientID string
	Key      string // in PEM, as GitHub gives it
}

// Number is the App's id as text.
func (a App) Number() string { return strconv.FormatInt(a.ID, 10) }

// appKey is one for all tests of a binary: making it takes long.
var appKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// RegisterApp registers a GitHub App that is installed nowhere yet.
func RegisterApp(t testing.TB, s *github.Server) App {
	t.Helper()
	return RegisterAppAs(t, s, 12345, "acme-deployer")
}

// RegisterAppAs registers a GitHub App under an id and a name; all have the same key.
func RegisterAppAs(t testing.TB, s *github.Server, id int64, slug string) App {
	t.Helper()
	key, err := appKey()
	if err != nil {
		t.Fatal(err)
	}
	client := fmt.Sprintf("Iv23liexample%07d", id)
	s.Apps().Register(apps.App{ID: id, ClientID: client, Slug: slug, Key: &key.PublicKey})
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return App{ID: id, ClientID: client, Key: string(text)}
}
