package cli

import (
	"bytes"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Several lookups that begin at once share one client, and with it one token.
func TestClientsAreMadeOnce(t *testing.T) {
	_, env := Start(t.Context(), Process{Dir: t.TempDir(), Stderr: &bytes.Buffer{}}, Command{Name: report.CommandRelease}, Flags{})
	clients := make([]*registry.Client, 16)
	keychains := make([]*auth.Keychain, len(clients))
	begin := make(chan struct{})
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			<-begin
			clients[i], keychains[i] = env.Clients.Registry(), env.Clients.Keychain()
		})
	}
	close(begin)
	group.Wait()
	for i := range clients {
		if clients[i] != clients[0] || keychains[i] != keychains[0] {
			t.Fatalf("lookup %d has a client of its own", i)
		}
	}
}
