package hosts

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// readCertificates reads a directory without hosts.toml, as docker has them: *.crt are authorities, *.cert certificates of this
// machine, *.key their keys.
func (m *Machine) readCertificates(r Registry) (Registry, error) {
	entries, err := os.ReadDir(r.Dir)
	if err != nil {
		return r, cannotRead(r.Name, r.Dir, err)
	}
	e := &r.Endpoint
	for _, entry := range entries {
		path := filepath.Join(r.Dir, entry.Name())
		switch base, isPair := strings.CutSuffix(path, ".cert"); {
		case strings.HasSuffix(path, ".crt"):
			e.Authorities = append(e.Authorities, path)
		case isPair:
			pair := Pair{Certificate: path, Key: path}
			if _, err := os.Lstat(base + ".key"); err == nil {
				pair.Key = base + ".key"
			}
			e.Pairs = append(e.Pairs, pair)
		case strings.HasSuffix(path, ".key"):
			certificate := strings.TrimSuffix(path, ".key") + ".cert"
			if _, err := os.Lstat(certificate); err != nil {
				return r, cannotRead(r.Name, path, fmt.Errorf("it is a key without its certificate %s", filepath.Base(certificate)))
			}
		}
	}
	if e.hasTLS() {
		e.Scheme = schemeHTTPS
	}
	err = m.loadTLS(r, e)
	return r, err
}

// loadTLS reads the files of an endpoint now, so that what is wrong with them is known by their names.
func (m *Machine) loadTLS(r Registry, e *Endpoint) error {
	if !e.hasTLS() {
		return nil
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: e.SkipVerify} //nolint:gosec // the machine's file says so
	if len(e.Authorities) > 0 {
		trusted, err := x509.SystemCertPool()
		if err != nil {
			trusted = x509.NewCertPool() // a machine without any
		}
		for _, path := range e.Authorities {
			data, err := m.readRegular(path)
			if err == nil && !trusted.AppendCertsFromPEM(data) {
				err = errors.New("it has no certificate in PEM")
			}
			if err != nil {
				return cannotRead(r.Name, path, err)
			}
		}
		settings.RootCAs = trusted
	}
	for _, pair := range e.Pairs {
		certificate, err := m.readRegular(pair.Certificate)
		if err != nil {
			return cannotRead(r.Name, pair.Certificate, err)
		}
		key, err := m.readRegular(pair.Key)
		if err != nil {
			return cannotRead(r.Name, pair.Key, err)
		}
		loaded, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			return cannotRead(r.Name, pair.Certificate, err)
		}
		settings.Certificates = append(settings.Certificates, loaded)
	}
	e.tls = settings
	return nil
}

// files reads one name of a file, or several.
func files(dir string, value any) ([]string, error) {
	if value == nil {
		return nil, nil
	}
	names, err := stringList(value)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		names[i] = absolute(dir, name)
	}
	return names, nil
}

// pairs reads the certificates of this machine: a file with certificate and key, several, or pairs of files.
func pairs(dir string, value any) (all []Pair, err error) {
	if value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, each := range list {
		names, err := files(dir, each)
		switch {
		case err != nil:
			return nil, err
		case len(names) == 1:
			all = append(all, Pair{Certificate: names[0], Key: names[0]})
		case len(names) == 2:
			all = append(all, Pair{Certificate: names[0], Key: names[1]})
		default:
			return nil, fmt.Errorf("%d files are no pair of certificate and key", len(names))
		}
	}
	return all, nil
}

func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// stringList reads a text, or several.
func stringList(value any) ([]string, error) {
	switch value := value.(type) {
	case string:
		return []string{value}, nil
	case []any:
		var list []string
		for _, each := range value {
			text, ok := each.(string)
			if !ok {
				return nil, fmt.Errorf("%v is not text", each)
			}
			list = append(list, text)
		}
		return list, nil
	}
	return nil, fmt.Errorf("%v is not text", value)
}
