package inbox

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
)

// MailPassword is the password that the mail server accepts.
const MailPassword = "letters-of-the-inbox"

// Mail is one that was received.
type Mail struct {
	User, From string
	To         []string
	Data       string // header and text, with plain line ends
}

// mailServer is as much of an SMTP server (RFC 5321, RFC 4954) as a client that sends a text needs.
type mailServer struct {
	listener net.Listener
	served   sync.WaitGroup

	mu          sync.Mutex
	mails       []Mail
	connections map[net.Conn]bool
}

func startMail(ctx context.Context) (*mailServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for mail on loopback: %w", err)
	}
	m := &mailServer{listener: listener, connections: map[net.Conn]bool{}}
	m.served.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return // closed
			}
			m.mu.Lock()
			m.connections[connection] = true
			m.mu.Unlock()
			m.served.Go(func() { m.serve(connection) })
		}
	})
	return m, nil
}

func (m *mailServer) received() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

func (m *mailServer) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = nil
}

func (m *mailServer) close() error {
	err := m.listener.Close()
	m.mu.Lock()
	for connection := range m.connections {
		_ = connection.Close()
	}
	m.mu.Unlock()
	m.served.Wait()
	return err
}

// session is one connection with the mail that it is about to hand over.
type session struct {
	server *mailServer
	text   *textproto.Conn
	mail   Mail
}

func (m *mailServer) serve(connection net.Conn) {
	defer connection.Close()
	s := session{server: m, text: textproto.NewConn(connection)}
	s.say("220 inbox")
	for {
		line, err := s.text.ReadLine()
		if err != nil || !s.answer(line) {
			return
		}
	}
}

// say sends a line; an error shows at the next read.
func (s *session) say(line string) { _ = s.text.PrintfLine("%s", line) }

// answer carries out one command; false ends the session.
func (s *session) answer(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		s.say("250-inbox\r\n250-8BITMIME\r\n250 AUTH PLAIN")
	case "AUTH":
		s.mail.User = plainUser(rest)
		s.say(map[bool]string{true: "235 welcome", false: "535 wrong password"}[s.mail.User != ""])
	case "MAIL":
		s.mail.From = address(rest)
		s.say("250 ok")
	case "RCPT":
		s.mail.To = append(s.mail.To, address(rest))
		s.say("250 ok")
	case "DATA":
		return s.take()
	case "QUIT":
		s.say("221 bye")
		return false
	default:
		s.say("502 not known")
	}
	return true
}

// take receives the text and keeps the mail.
func (s *session) take() bool {
	s.say("354 go on")
	data, err := s.text.ReadDotBytes()
	if err != nil {
		return false
	}
	s.mail.Data = string(data)
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, s.mail)
	s.server.mu.Unlock()
	s.mail = Mail{User: s.mail.User}
	s.say("250 kept")
	return true
}

// plainUser is the user of "PLAIN <base64>" with the right password, empty otherwise (RFC 4616).
func plainUser(arguments string) string {
	_, encoded, _ := strings.Cut(arguments, " ")
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	parts := strings.Split(string(decoded), "\x00")
	if err != nil || len(parts) != 3 || parts[2] != MailPassword {
		return ""
	}
	return parts[1]
}

func address(argument string) string {
	_, rest, _ := strings.Cut(argument, "<")
	inner, _, _ := strings.Cut(rest, ">")
	return inner
}
