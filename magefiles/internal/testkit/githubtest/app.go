package githubtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
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
	key, err := appKey()
	if err != nil {
		t.Fatal(err)
	}
	s.Apps().Register(apps.App{ID: 12345, ClientID: "Iv23liexampleClientId", Slug: "acme-deployer", Key: &key.PublicKey})
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return App{ID: 12345, ClientID: "Iv23liexampleClientId", Key: string(text)}
}
