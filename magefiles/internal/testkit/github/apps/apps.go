// Package apps is the part of the in-process GitHub that knows GitHub Apps: who signs, where an App is installed, and the tokens that
// it was given there, with their time, their repositories and their permissions.
package apps

import (
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// App is a GitHub App as it is registered.
type App struct {
	ID       int64
	ClientID string
	Slug     string
	Key      *rsa.PublicKey // of the private key that was generated for it; nil: none was
}

// Installation is an App in an account.
type Installation struct {
	ID           int64
	App          App
	Account      string
	Repositories []string // owner/name in lower case
	Permissions  map[string]string
	Suspended    bool
}

// Refusal is GitHub's answer in place of the requested one.
type Refusal struct {
	Status  int
	Message string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s", r.Status, r.Message) }

func refuse(status int, message string) error { return &Refusal{Status: status, Message: message} }

// Directory knows the Apps of a server. It is safe for concurrent use.
type Directory struct {
	now func() time.Time

	mu            sync.Mutex
	apps          []App
	installations []*Installation
	tokens        map[string]*Token
	lifetime      time.Duration
	long          bool
}

// NewDirectory returns a Directory without Apps, whose clock is now.
func NewDirectory(now func() time.Time) *Directory {
	return &Directory{now: now, tokens: map[string]*Token{}, lifetime: time.Hour}
}

// Register adds an App, or replaces the one with its id.
func (d *Directory) Register(app App) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.apps {
		if d.apps[i].ID == app.ID {
			d.apps[i] = app
			return
		}
	}
	d.apps = append(d.apps, app)
}

// Install installs an App on a repository (owner/name), with the permissions in place of those that the installation had.
func (d *Directory) Install(app int64, repository string, permissions map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	owner, _, _ := strings.Cut(repository, "/")
	for _, in := range d.installations {
		if in.App.ID == app && strings.EqualFold(in.Account, owner) {
			in.Repositories, in.Permissions = append(in.Repositories, strings.ToLower(repository)), permissions
			return
		}
	}
	in := &Installation{
		ID: int64(1000 + len(d.installations)), Account: owner,
		Permissions: permissions, Repositories: []string{strings.ToLower(repository)},
	}
	for _, known := range d.apps {
		if known.ID == app {
			in.App = known
		}
	}
	d.installations = append(d.installations, in)
}

// Change alters what an App may do in an account: suspend it, take a repository or a permission away.
func (d *Directory) Change(app int64, account string, change func(*Installation)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, in := range d.installations {
		if in.App.ID == app && strings.EqualFold(in.Account, account) {
			change(in)
		}
	}
}

// Uninstall takes an App away from an account, with its tokens.
func (d *Directory) Uninstall(app int64, account string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var kept []*Installation
	for _, in := range d.installations {
		if in.App.ID != app || !strings.EqualFold(in.Account, account) {
			kept = append(kept, in)
			continue
		}
		for _, token := range d.tokens {
			if token.installation == in {
				token.Ended = true
			}
		}
	}
	d.installations = kept
}

// Find returns the installation of an App on a repository (owner/name).
func (d *Directory) Find(app App, repository string) (Installation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, in := range d.installations {
		if in.App.ID == app.ID && in.has(repository) {
			return *in, nil
		}
	}
	return Installation{}, refuse(http.StatusNotFound, "Not Found")
}

func (in *Installation) has(repository string) bool {
	for _, one := range in.Repositories {
		if strings.EqualFold(one, repository) {
			return true
		}
	}
	return false
}
