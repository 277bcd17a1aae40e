package auth

import (
	"cmp"
	"slices"
	"testing"
)

func TestHostsOfVariables(t *testing.T) {
	for name, want := range map[string]string{
		"GHCR_IO": "ghcr.io", "HARBOR_EXAMPLE_COM": "harbor.example.com", "HARBOR_EXAMPLE_COM_5000": "harbor.example.com:5000",
		"MY__REGISTRY_EXAMPLE_COM": "my-registry.example.com", "LOCALHOST_5000": "localhost:5000", "127_0_0_1": "127.0.0.1",
		"127_0_0_1_5000": "127.0.0.1:5000", "A____B_IO": "a--b.io", "FILE": "file",
		"": "", "ghcr_io": "", "_GHCR_IO": "", "GHCR_IO_": "", "A___B": "", "A_B!": "",
	} {
		if got, ok := hostOfVariable(name); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v; want %q", name, got, ok, want)
		}
	}
}

// FuzzHostOfVariable has every host have variables of its own: what is read of a name has that name, and no other host has it.
func FuzzHostOfVariable(f *testing.F) {
	for _, seed := range []string{"harbor-a.example.com", "a.b-c", "1.2.3.4", "1.2.3:4", "1.2.3.4:5", "a-.b", "A.B", "[::1]:5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if !hostName.MatchString(host) {
			return
		}
		got, ok := hostOfVariable(hostVariable(host))
		// Of names that end with a number one is read: no registry has the others.
		if ok && got != host && hostVariable(got) != hostVariable(host) {
			t.Errorf("%q is read as %q", host, got)
		}
		if again, ok := hostOfVariable(hostVariable(got)); ok && again != got {
			t.Errorf("%q, then %q", got, again)
		}
	})
}

func TestHostTokens(t *testing.T) {
	got := HostTokens(map[string]string{"GHCR_IO": "a", "EMPTY_IO": "", "lower": "x", "A_IO": "b"}, map[string]string{"A_IO": "robot$shop+ci", "B_IO": "none"})
	slices.SortFunc(got, func(a, b Token) int { return cmp.Compare(a.Name, b.Name) })
	if len(got) != 2 || got[0].Name != "REGISTRY_TOKEN_A_IO" || got[0].User != "robot$shop+ci" || got[0].Hosts[0] != "a.io" || got[1].Secret != "a" {
		t.Errorf("%+v", got)
	}
}
