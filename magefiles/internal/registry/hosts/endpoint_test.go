package hosts_test

import "testing"

// TestTheRegistrysOwnServer is the one that its name says, by whatever scheme, and for Docker Hub by any of its names.
func TestTheRegistrysOwnServer(t *testing.T) {
	for _, test := range []struct{ registry, server, want, replaced string }{
		{"reg.example.com", "https://reg.example.com", "https://reg.example.com/v2", ""},
		{"reg.example.com", "https://reg.example.com:443", "https://reg.example.com:443/v2", ""},
		{"reg.example.com", "https://REG.example.com/", "https://REG.example.com/v2", ""},
		{"reg.example.com", "reg.example.com", "https://reg.example.com/v2", ""},
		{"reg.example.com", "http://reg.example.com", "http://reg.example.com/v2", ""},
		{"reg.example.com:5000", "http://reg.example.com:5000/v2", "http://reg.example.com:5000/v2", ""},
		{"reg.example.com:5000", "https://reg.example.com", "https://reg.example.com:5000/v2", "https://reg.example.com"},
		{"reg.example.com", "https://other.example.com", "https://reg.example.com/v2", "https://other.example.com"},
		{"docker.io", "https://docker.io", "https://registry-1.docker.io/v2", ""},
		{"docker.io", "https://registry-1.docker.io", "https://registry-1.docker.io/v2", ""},
		{"docker.io", "https://hub.example.com", "https://registry-1.docker.io/v2", "https://hub.example.com"},
	} {
		m, _ := newMachine(t, map[string]string{test.registry + "/hosts.toml": "server = '" + test.server + "'\n"})
		r := lookup(t, m, test.registry)
		if got := r.Endpoint.Scheme + "://" + r.Endpoint.Host + r.Endpoint.Path; got != test.want || r.Replaced != test.replaced {
			t.Errorf("%s with %s: %s, replaced by %q; want %s, %q", test.registry, test.server, got, r.Replaced, test.want, test.replaced)
		}
		if (r.Replaced != "") != (len(r.Mirrors) == 1) {
			t.Errorf("%s with %s: mirrors %+v", test.registry, test.server, r.Mirrors)
		}
	}
}
