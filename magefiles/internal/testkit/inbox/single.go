package inbox

import (
	"net"
	"sync"
)

// single is a listener with one connection, which ends when that is closed.
type single struct {
	connection net.Conn
	accept     chan net.Conn
	closed     chan struct{}
	once       sync.Once
}

func newSingle(connection net.Conn) *single {
	s := &single{connection: connection, accept: make(chan net.Conn, 1), closed: make(chan struct{})}
	s.accept <- closing{connection, s}
	return s
}

// Accept implements net.Listener.
func (s *single) Accept() (net.Conn, error) {
	select {
	case connection := <-s.accept:
		return connection, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (s *single) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// Addr implements net.Listener.
func (s *single) Addr() net.Addr { return s.connection.LocalAddr() }

// closing ends its listener when it is closed.
type closing struct {
	net.Conn
	listener *single
}

func (c closing) Close() error {
	_ = c.listener.Close() // it never fails
	return c.Conn.Close()
}
