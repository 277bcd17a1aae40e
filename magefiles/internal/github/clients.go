package github

import (
	"strings"
	"sync"
)

// Clients gives each repository the Client that may speak about it: a token that is for one repository reaches no other. They are
// safe for concurrent use.
type Clients struct {
	options Options
	shared  *Client // where one token is for all
	mu      sync.Mutex
	each    map[string]*Client // by repository, in lower case
}

// NewClients returns Clients of options with Sources, or with a token for all repositories. Its errors are those of New.
func NewClients(o Options) (*Clients, error) {
	if o.Sources == nil {
		shared, err := New(o)
		return &Clients{shared: shared}, err
	}
	if _, err := parseEndpoint(o.APIURL); err != nil {
		return nil, err
	}
	return &Clients{options: o.WithDefaults(), each: map[string]*Client{}}, nil
}

// For returns the Client for a repository (owner/name).
func (c *Clients) For(repository string) *Client {
	if c.shared != nil {
		return c.shared
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.ToLower(repository)
	if c.each[key] == nil {
		endpoint, _ := parseEndpoint(c.options.APIURL) // NewClients has read it
		c.each[key] = newClient(c.options, endpoint, c.options.Sources(repository))
	}
	return c.each[key]
}
