package hosts

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// hostSettings are the keys of a server in hosts.toml (containerd, docs/hosts.md). Those of later versions are no error, as in
// containerd.
type hostSettings struct {
	Capabilities []string       `toml:"capabilities"`
	CA           any            `toml:"ca"`     // a file, or several
	Client       any            `toml:"client"` // a file, several, or pairs of certificate and key
	SkipVerify   bool           `toml:"skip_verify"`
	Header       map[string]any `toml:"header"` // a value, or several
	OverridePath bool           `toml:"override_path"`
	DialTimeout  string         `toml:"dial_timeout"`
}

// hostsDocument is a whole file.
type hostsDocument struct {
	hostSettings

	Server string                  `toml:"server"`
	Hosts  map[string]hostSettings `toml:"host"`
}

// readHosts reads hosts.toml. The server that is the registry's own is where it answers; the others are mirrors.
func (m *Machine) readHosts(r Registry, text []byte) (Registry, error) {
	endpoints, err := m.parseHosts(r, text)
	if err != nil {
		if problem.As(err) == nil {
			err = cannotRead(r.Name, filepath.Join(r.Dir, hostsFile), err)
		}
		return r, err
	}
	at := ownServer(r.Name, endpoints)
	if at < 0 {
		last := endpoints[len(endpoints)-1]
		r.Replaced = last.Scheme + "://" + last.Host
		at = len(endpoints)
	} else {
		r.Endpoint = endpoints[at].named(r.Name)
	}
	for _, e := range endpoints[:at] {
		if e.Pull {
			r.Mirrors = append(r.Mirrors, e)
		}
	}
	return r, nil
}

// ownServer returns which of the servers is the registry itself: the first that may be pushed to, else the first; -1 for none.
func ownServer(registry string, endpoints []Endpoint) int {
	if at := slices.IndexFunc(endpoints, func(e Endpoint) bool { return e.Push && e.is(registry) }); at >= 0 {
		return at
	}
	return slices.IndexFunc(endpoints, func(e Endpoint) bool { return e.is(registry) })
}

// parseHosts returns the servers in the order in which containerd asks them; the last is `server`, or the registry itself.
func (m *Machine) parseHosts(r Registry, text []byte) ([]Endpoint, error) {
	var document hostsDocument
	if err := toml.Unmarshal(text, &document); err != nil {
		return nil, withLine(err)
	}
	var endpoints []Endpoint
	addresses := hostOrder(text, document.Hosts)
	if len(addresses) < len(document.Hosts) {
		return nil, errors.New(`a server is not written as a table of its own: write [host."https://…"]`)
	}
	for _, address := range addresses {
		settings := document.Hosts[address]
		e, err := parseServer(address, settings.OverridePath)
		if err != nil {
			return nil, fmt.Errorf("host %q: %w", address, err)
		}
		if e, err = m.withSettings(r, e, settings); err != nil {
			return nil, err
		}
		endpoints = append(endpoints, e)
	}
	last := r.Endpoint
	if document.Server != "" {
		named, err := parseServer(document.Server, document.OverridePath)
		if err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
		last = named
	} else {
		document.Capabilities = nil // the registry itself is asked for everything
		if document.CA != nil || document.Client != nil || document.SkipVerify {
			last.Scheme = schemeHTTPS
		}
	}
	last, err := m.withSettings(r, last, document.hostSettings)
	return append(endpoints, last), err
}

// withLine says in which line a file cannot be read.
func withLine(err error) error {
	if decoding, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := decoding.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}

// hostOrder returns the addresses of [host."…"] in the order of the file, which decoding loses.
func hostOrder(text []byte, hosts map[string]hostSettings) (addresses []string) {
	parser := unstable.Parser{}
	parser.Reset(text)
	for parser.NextExpression() {
		var parts []string
		for key := parser.Expression().Key(); key.Next(); {
			parts = append(parts, string(key.Node().Data))
		}
		if len(parts) < 2 || parts[0] != "host" || slices.Contains(addresses, parts[1]) {
			continue
		}
		if _, known := hosts[parts[1]]; known {
			addresses = append(addresses, parts[1])
		}
	}
	return addresses
}

// withSettings adds what is said of a server, and reads its files.
func (m *Machine) withSettings(r Registry, e Endpoint, s hostSettings) (_ Endpoint, err error) {
	if e.Scheme != schemeHTTP && e.Scheme != schemeHTTPS || e.Host == "" {
		return e, fmt.Errorf("%q is not the address of a registry: write https://host or http://host", e.Scheme+"://"+e.Host)
	}
	if e.Pull, e.Push, err = capabilities(s.Capabilities); err != nil {
		return e, err
	}
	if e.Authorities, err = files(r.Dir, s.CA); err != nil {
		return e, fmt.Errorf("ca: %w", err)
	}
	if e.Pairs, err = pairs(r.Dir, s.Client); err != nil {
		return e, fmt.Errorf("client: %w", err)
	}
	if e.Scheme == schemeHTTP && len(e.Authorities)+len(e.Pairs) > 0 {
		return e, fmt.Errorf("%s has no TLS, and certificates are named for it: write https://", e.Scheme+"://"+e.Host)
	}
	if e.Header, err = header(s.Header); err != nil {
		return e, err
	}
	if s.DialTimeout != "" {
		if e.DialTimeout, err = time.ParseDuration(s.DialTimeout); err != nil {
			return e, fmt.Errorf("dial_timeout: %w", err)
		}
	}
	e.SkipVerify = s.SkipVerify && e.Scheme == schemeHTTPS
	err = m.loadTLS(r, &e)
	return e, err
}

// capabilities reads what a server may be used for; without any it is everything.
func capabilities(names []string) (pull, push bool, err error) {
	if len(names) == 0 {
		return true, true, nil
	}
	for _, name := range names {
		switch strings.ToLower(name) {
		case "pull":
			pull = true
		case "push":
			push = true
		case "resolve", "referrers":
		default:
			return false, false, fmt.Errorf("capabilities: %q is none", name)
		}
	}
	return pull, push, nil
}

// header reads the headers of a server.
func header(values map[string]any) (http.Header, error) {
	if len(values) == 0 {
		return nil, nil
	}
	all := http.Header{}
	for name, value := range values {
		list, err := stringList(value)
		if err != nil {
			return nil, fmt.Errorf("header %q: %w", name, err)
		}
		for _, text := range list {
			all.Add(name, text)
		}
	}
	return all, nil
}
