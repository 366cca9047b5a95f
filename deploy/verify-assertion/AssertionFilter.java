// A servlet filter behind the gateway: a request passes with the gateway's signed assertion, and getRemoteUser() says who
// asks; anything else is a 403. Needs Java 11 and servlets 5 (Tomcat 10; before that `javax` in place of `jakarta`).
//
//     javac -cp servlet-api.jar -d WEB-INF/classes Verify.java AssertionFilter.java
//
// and in WEB-INF/web.xml, before every other filter:
//
//     <filter>
//       <filter-name>assertion</filter-name>
//       <filter-class>AssertionFilter</filter-class>
//       <init-param><param-name>keys</param-name><param-value>https://wiki.example.com/.gateway/jwks.json</param-value></init-param>
//       <init-param><param-name>issuer</param-name><param-value>https://wiki.example.com</param-value></init-param>
//       <init-param><param-name>audience</param-name><param-value>http://10.0.0.5:8080</param-value></init-param>
//     </filter>
//     <filter-mapping><filter-name>assertion</filter-name><url-pattern>/*</url-pattern></filter-mapping>

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;

public class AssertionFilter implements Filter {
    private FilterConfig config;

    @Override
    public void init(FilterConfig config) {
        this.config = config;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest asked = (HttpServletRequest) request;
        String user;
        try {
            String token = asked.getHeader("X-Gateway-Assertion");
            String claims = Verify.verify(token == null ? "" : token, setting("keys"), setting("issuer"), setting("audience"));
            // The name that people sign in with; `sub` would be the id that never changes.
            user = Verify.text(claims, "preferred_username");
        } catch (Exception refused) {
            config.getServletContext().log("the assertion is not valid: " + refused.getMessage());
            ((HttpServletResponse) response).sendError(HttpServletResponse.SC_FORBIDDEN);
            return;
        }
        chain.doFilter(new HttpServletRequestWrapper(asked) {
            @Override
            public String getRemoteUser() {
                return user;
            }

            @Override
            public Principal getUserPrincipal() {
                return () -> user;
            }
        }, response);
    }

    private String setting(String name) {
        return config.getInitParameter(name);
    }
}
