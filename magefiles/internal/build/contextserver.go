package build

import "context"

// contextServers serve the build contexts to each of the daemons.
type contextServers map[*Connection]*contexts

func serveContexts(ctx context.Context, connections []*Connection, src contextSource) contextServers {
	all := contextServers{}
	for _, c := range connections {
		src.node = c.NodeID
		all[c] = openContexts(ctx, c.Client, src)
	}
	return all
}

// Close stops serving files to the daemons.
func (s contextServers) Close() {
	for _, served := range s {
		served.Close()
	}
}

// failure returns what a transfer failed of, where a build failed because of it; nil where none did.
func (s contextServers) failure(err error) error {
	for _, served := range s {
		if failed := served.failure(err); failed != nil {
			return failed
		}
	}
	return nil
}
