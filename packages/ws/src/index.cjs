// Node 20.19 and later load an ES module by require(): both ways lead to the same classes.
module.exports = require('@upwire/core/ws').default
