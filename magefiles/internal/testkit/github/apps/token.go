package apps

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Token is an installation's.
type Token struct {
	Text         string
	Expires      time.Time
	Permissions  map[string]string
	Repositories []string // owner/name
	Ended        bool     // before its time

	installation *Installation
}

// Request is the body of a request for a token.
type Request struct {
	Repositories  []string          `json:"repositories"` // names without the owner; none: all of the installation
	RepositoryIDs []int64           `json:"repository_ids"`
	Permissions   map[string]string `json:"permissions"` // none: all of the installation
}

// SetLifetime says for how long tokens live that are issued from now on; GitHub's live an hour.
func (d *Directory) SetLifetime(lifetime time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lifetime = lifetime
}

// UseLongTokens has tokens in the form of ghs_ID_JWT, of some 520 characters, in place of ghs_ and 36.
func (d *Directory) UseLongTokens() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.long = true
}

// Issue makes a token of an installation.
func (d *Directory) Issue(app App, installation int64, r Request) (Token, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.installations, func(in *Installation) bool { return in.ID == installation && in.App.ID == app.ID })
	if i < 0 {
		return Token{}, refuse(http.StatusNotFound, "Not Found")
	}
	in := d.installations[i]
	if in.Suspended {
		return Token{}, refuse(http.StatusForbidden, "This installation has been suspended")
	}
	token := &Token{Text: d.newText(), Expires: d.now().Add(d.lifetime).Truncate(time.Second), installation: in}
	for _, name := range r.Repositories {
		if !in.has(in.Account + "/" + name) {
			return Token{}, refuse(http.StatusUnprocessableEntity,
				"There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
		token.Repositories = append(token.Repositories, in.Account+"/"+name)
	}
	if len(r.Repositories) == 0 {
		token.Repositories = slices.Clone(in.Repositories)
	}
	if token.Permissions = maps.Clone(r.Permissions); len(token.Permissions) == 0 {
		token.Permissions = maps.Clone(in.Permissions)
	}
	for name, level := range token.Permissions {
		if rank(in.Permissions[name]) < rank(level) {
			return Token{}, refuse(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
		}
	}
	d.tokens[token.Text] = token
	return *token, nil
}

// newText is a token in one of GitHub's two forms.
func (d *Directory) newText() string {
	if d.long {
		claims, signature := strings.Repeat(rand.Text(), 15), strings.Repeat(rand.Text(), 4)
		return fmt.Sprintf("ghs_%d_eyJhbGciOiJFUzI1NiJ9.%s.%s", len(d.tokens)+1, claims, signature)
	}
	return "ghs_" + (rand.Text() + rand.Text())[:36]
}

func rank(level string) int { return slices.Index([]string{"", "read", "write", "admin"}, level) }

// Know reports whether a token is an installation's, and whether it is good now.
func (d *Directory) Know(token string) (known, valid bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tokens[token]
	if t == nil {
		return false, false
	}
	return true, !t.Ended && !t.installation.Suspended && d.now().Before(t.Expires)
}

// Allowed returns what a token may do on a repository (owner/name), and whether it sees it. What an installation loses, its tokens do.
func (d *Directory) Allowed(token, repository string) (permissions map[string]string, visible bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tokens[token]
	same := func(one string) bool { return strings.EqualFold(one, repository) }
	if t == nil || !slices.ContainsFunc(t.Repositories, same) || !t.installation.has(repository) {
		return nil, false
	}
	permissions = map[string]string{}
	for name, level := range t.Permissions {
		permissions[name] = level
		if have := t.installation.Permissions[name]; rank(have) < rank(level) {
			permissions[name] = have
		}
	}
	return permissions, true
}

// Slug returns the name of the App that a token is of.
func (d *Directory) Slug(token string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.tokens[token]; t != nil {
		return t.installation.App.Slug
	}
	return ""
}

// Slug returns the name of the App that the token is of.
func (t Token) Slug() string { return t.installation.App.Slug }

// End ends tokens before their time: those for which the function says so. It returns how many it ended.
func (d *Directory) End(which func(Token) bool) (ended int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.tokens {
		if !t.Ended && which(*t) {
			t.Ended = true
			ended++
		}
	}
	return ended
}

// Tokens returns all that were issued, in no order.
func (d *Directory) Tokens() []Token {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Token, 0, len(d.tokens))
	for _, t := range d.tokens {
		all = append(all, *t)
	}
	return all
}
